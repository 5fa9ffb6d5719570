// The sample application: answers its version, its health and its variable GREETING. `release.json` beside it says how it behaves.
//
// It handles no SIGTERM on purpose: a restart loses the requests in flight, as in many real applications.
// So only draining before the restart saves them, and a deployment that drains badly shows as failed requests.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const readRelease = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
const release = readRelease('release.json')
let { version } = release
const { warmupMs = 0, unhealthy = false, slowMs = 200, crashOnStart = false, failEvery = Infinity } = release
const address = process.env.ADDRESS ?? '127.0.0.1'
const port = Number(process.env.PORT ?? 8080)

// As servers that change their code in place, without a moment in which they do not listen.
process.on('SIGHUP', () => ({ version } = readRelease('../../current/release.json')))

if (crashOnStart) {
  console.error(`payments ${version}: crashes on start, as release.json asks`)
  process.exit(1)
}

let served = 0
const warmAt = performance.now() + warmupMs

const server = createServer((request, response) => {
  const path = (request.url ?? '/').split('?')[0]
  if (performance.now() < warmAt) return answer(response, 503, `warming up ${version}`)
  if (path === '/') return answer(response, ++served % failEvery === 0 ? 500 : 200, version)
  if (path === '/healthz')
    return answer(response, unhealthy ? 503 : 200, `${unhealthy ? 'unhealthy' : 'ok'} ${version}`)
  if (path === '/greeting') return answer(response, 200, process.env.GREETING ?? '')
  if (path === '/slow') return void setTimeout(answer, slowMs, response, 200, version)
  answer(response, 404, 'not found')
})

function answer(response, status, text) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-version': version })
  response.end(text)
}

// Longer than a load balancer keeps an idle connection: else this side closes one just as a request comes in on it.
server.keepAliveTimeout = 65_000
server.listen(port, address, () => console.log(`payments ${version} listens on ${address}:${server.address().port}`))
