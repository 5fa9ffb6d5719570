// `npm run bench:ssh2-cipher [-- --megabytes 300] [--pairs 5]`: what the part of our patch of ssh2 is worth that makes its ciphers
// faster (docs/decisions/0034-faster-ciphers.md). Uploads to a real sshd with it and without it, in turn. The last line of stdout is
// one JSON object.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { cipher, startRealHost } from '../pipes/start-real-host.ts'
import { printResult, printTable, say } from '../system/say.ts'
import { median, rounded } from '../system/statistics.ts'
import type { UploadCost, UploadSettings } from './upload.ts'

const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '300' }, pairs: { type: 'string', default: '5' } },
})
const root = join(import.meta.dirname, '../../..')
const execute = promisify(execFile)

await using closing = new AsyncDisposableStack()
const folder = await mkdtemp(join(tmpdir(), 'vesemir-ssh2-'))
closing.defer(() => rm(folder, { recursive: true }))
const host = closing.use(await startRealHost(folder))
const settings: UploadSettings = { ...host, cipher, megabytes: Number(values.megabytes) }
const patched = await copyOfSsh2('with')
const without = await copyOfSsh2('without')
// The ciphers are in this file alone, and certificates in all others.
const part = ['--include', 'lib/protocol/crypto.js', join(root, 'patches/ssh2@1.17.0.patch')]
await execute('git', ['apply', '--reverse', ...part], { cwd: without })

const pairs: { with: UploadCost; without: UploadCost }[] = []
for (let pair = 1; pair <= Number(values.pairs); pair += 1) {
  say(`${values.megabytes} MB with the patch and without it, pair ${pair} of ${values.pairs}`)
  pairs.push({ with: await upload(patched), without: await upload(without) })
}
printTable(
  pairs.map((pair) => ({
    'with: MB/s': rounded(settings.megabytes / pair.with.seconds),
    'CPU s': rounded(pair.with.cpuSeconds),
    'without: MB/s': rounded(settings.megabytes / pair.without.seconds),
    'CPU s ': rounded(pair.without.cpuSeconds),
  })),
)
printResult({
  speedup: rounded(median(pairs.map((pair) => pair.without.seconds / pair.with.seconds))),
  cpuRatio: rounded(median(pairs.map((pair) => pair.with.cpuSeconds / pair.without.cpuSeconds))),
})

async function upload(ssh2: string): Promise<UploadCost> {
  const args = [join(import.meta.dirname, 'upload.ts'), ssh2, JSON.stringify(settings)]
  const { stdout } = await execute(process.execPath, args)
  return JSON.parse(stdout) as UploadCost
}

/** Copies the installed ssh2 with its libraries beside it, so that it can be changed. */
async function copyOfSsh2(name: string): Promise<string> {
  const installed = await realpath(join(root, 'node_modules/ssh2'))
  const modules = join(folder, name, 'node_modules')
  await mkdir(modules, { recursive: true })
  await cp(installed, join(modules, 'ssh2'), { recursive: true, dereference: true })
  for (const library of ['asn1', 'bcrypt-pbkdf'])
    await symlink(join(dirname(installed), library), join(modules, library))
  return join(modules, 'ssh2')
}
