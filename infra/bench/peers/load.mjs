// node load.mjs URL RATE - open-loop load: RATE requests a second (every second one to /slow, 200 ms in the app),
// until TERM; prints one JSON line: sent, ok, failed (by kind), versions seen, latency.
import http from 'node:http'
const base = new URL(process.argv[2]),
  rate = Number(process.argv[3] ?? 50)
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
let sent = 0,
  ok = 0,
  open = 0,
  stop = false
const failed = {},
  versions = {},
  lat = []
const fail = (k) => {
  failed[k] = (failed[k] ?? 0) + 1
}
function one() {
  const t = performance.now(),
    n = sent++
  open++
  let done = false
  const end = (k) => {
    if (done) return
    done = true
    open--
    if (k) fail(k)
    if (stop && !open) report()
  }
  const r = http.get(
    { host: base.hostname, port: base.port, path: n % 2 ? '/slow' : '/', agent, timeout: 5000 },
    (res) => {
      let b = ''
      res.on('data', (d) => (b += d))
      res.on('error', (e) => end(e.code))
      res.on('end', () => {
        if (res.statusCode !== 200) return end('http' + res.statusCode)
        ok++
        lat.push(performance.now() - t)
        const v = b.trim()
        versions[v] = (versions[v] ?? 0) + 1
        end()
      })
    },
  )
  r.on('timeout', () => r.destroy(Object.assign(new Error('timeout'), { code: 'timeout' })))
  r.on('error', (e) => end(e.code ?? e.message))
}
function report() {
  lat.sort((a, b) => a - b)
  const q = (p) => (lat.length ? +lat[Math.min(lat.length - 1, Math.floor(p * lat.length))].toFixed(1) : null)
  const f = Object.values(failed).reduce((a, b) => a + b, 0)
  console.log(JSON.stringify({ sent, ok, failed: f, kinds: failed, versions, p50: q(0.5), p99: q(0.99), max: q(1) }))
  process.exit(0)
}
const t0 = performance.now()
const iv = setInterval(() => {
  const due = Math.floor(((performance.now() - t0) * rate) / 1000)
  for (let k = 0; sent < due && k < 20; k++) one()
}, 1000 / rate)
process.on('SIGTERM', () => {
  stop = true
  clearInterval(iv)
  if (!open) report()
  setTimeout(report, 6000).unref()
})
