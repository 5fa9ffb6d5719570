// `npm run bench:pipes [-- --only log,upload,delta,requests,first-packet] [--lines 1000000] [--megabytes 300] [--profile <folder>]`:
// how much goes through Vesemir's pipes. The last line of stdout is one JSON object.
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { printResult, printTable, say } from '../system/say.ts'
import { profileArgs, startBenchSystem } from '../system/start-system.ts'
import { median, rounded } from '../system/statistics.ts'
import { measureFirstPacket } from './measure-first-packet.ts'
import { measureLog, type LogFigures } from './measure-log.ts'
import { measureRequests } from './measure-requests.ts'
import { measureUpload } from './measure-upload.ts'
import { runDelta } from './run-delta.ts'
import { startRealHost, type RealHost } from './start-real-host.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'log,upload,delta,first-packet,requests' },
    lines: { type: 'string', default: '1000000' },
    megabytes: { type: 'string', default: '300' },
    profile: { type: 'string' },
  },
})
const wanted = new Set(values.only.split(','))
const logRuns = 3
const deltaHosts = 20

await using system = await startBenchSystem({ nodeArgs: profileArgs(values.profile) })
await using host = await startRealHost(system.dir)
const artifacts = join(system.dir, 'artifacts')
await mkdir(artifacts)
const result = {
  ...(wanted.has('log') || wanted.has('upload') ? await measurePipes(host) : {}),
  ...(wanted.has('delta') ? await delta() : {}),
  ...(wanted.has('first-packet') ? { firstPacketMs: rounded(await firstPacket(host)) } : {}),
  // Last: its deployments stay queued.
  ...(wanted.has('requests') ? await measurePosts() : {}),
}
printResult(result)

async function measurePipes(to: RealHost): Promise<object> {
  await using worker = await system.startWorker({
    name: 'worker',
    cluster: { ...to.cluster, changesets: { artifact: { folders: [artifacts] } } },
    nodeArgs: profileArgs(values.profile),
  })
  const runs: LogFigures[] = []
  if (wanted.has('log'))
    for (let run = 1; run <= logRuns; run += 1) {
      say(`${values.lines} lines from the host to a viewer, run ${run} of ${logRuns}`)
      runs.push(await measureLog(system, { worker, lines: Number(values.lines), version: `1.0.${run}` }))
    }
  const upload = wanted.has('upload')
    ? (say(`${values.megabytes} MB to the host`),
      await measureUpload(system, { host: to, megabytes: Number(values.megabytes), artifacts }))
    : undefined
  if (runs.length > 0)
    printTable(
      runs.map((run) => ({
        lines: run.lines,
        'lines/s': Math.round(run.linesPerSecond),
        lost: run.lost,
        'out of order': run.outOfOrder,
        'worker peak MB': Math.round(run.workerPeakBytes / 1024 / 1024),
        'API peak MB': Math.round(run.apiPeakBytes / 1024 / 1024),
      })),
    )
  if (upload)
    printTable([{ MB: upload.megabytes, 'scp MB/s': rounded(upload.scp), 'Vesemir MB/s': rounded(upload.vesemir) }])
  return {
    ...(runs.length > 0
      ? {
          logLinesPerSecond: Math.round(median(runs.map((run) => run.linesPerSecond))),
          logLinesLost: runs.reduce((total, run) => total + run.lost + run.outOfOrder, 0),
          logWorkerPeakMegabytes: Math.round(Math.max(...runs.map((run) => run.workerPeakBytes)) / 1024 / 1024),
        }
      : {}),
    ...(upload ? { uploadToScp: rounded(upload.ratio) } : {}),
  }
}

async function delta(): Promise<object> {
  const figures = await runDelta(system, { artifacts, hosts: deltaHosts, megabytes: Number(values.megabytes) })
  printTable([
    {
      hosts: figures.hosts,
      'whole s': rounded(figures.wholeSeconds),
      'delta s': rounded(figures.deltaSeconds),
      'rsync s': rounded(figures.rsyncSeconds),
      'bytes sent': figures.bytesSent,
      'bytes changed': figures.bytesChanged,
    },
  ])
  const { bytesSent, bytesChanged } = figures
  return {
    deltaToWhole: rounded(figures.deltaSeconds / figures.wholeSeconds),
    deltaToRsync: rounded(figures.deltaSeconds / figures.rsyncSeconds),
    bytesSent,
    bytesChanged,
  }
}

async function firstPacket({ keyPath, knownHostsPath }: RealHost): Promise<number> {
  say('from the request to the first packet')
  const publicKey = (await readFile(knownHostsPath, 'utf8')).split(' ').slice(1).join(' ').trim()
  return measureFirstPacket(system, { keyPath, publicKey })
}

async function measurePosts(): Promise<object> {
  say('requests in a second')
  const { bare, vesemir, ratio, cpuRatio } = await measureRequests(system)
  printTable([
    {
      'bare/s': Math.round(bare),
      'Vesemir/s': Math.round(vesemir),
      ratio: rounded(ratio),
      'cpu ratio': rounded(cpuRatio),
    },
  ])
  return { postToBare: rounded(ratio), postCpuToBare: rounded(cpuRatio) }
}
