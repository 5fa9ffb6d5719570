import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'

const manager = '/lib/systemd/systemd'

// systemd takes all processes of the control group that it starts in for its own: so it starts in one that has no others.
const start = String.raw`
set -e
for root in /sys/fs/cgroup/systemd /sys/fs/cgroup; do [ ! -e "$root/cgroup.procs" ] || break; done
mkdir "$root/$1"
echo $$ > "$root/$1/cgroup.procs"
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system
exec "$2" --user
`
// Groups go by themselves but for those that the manager itself was in.
const tidy = String.raw`
for root in /sys/fs/cgroup/systemd /sys/fs/cgroup; do
  find "$root/$1" -depth -type d -exec rmdir {} \; 2> /dev/null
done
true
`

/**
 * Starts systemd for these units, as a user's manager: the same program that manages a machine, which runs in containers too.
 * It refuses on a machine that was not booted by systemd, so it gets a /run of its own that says so. Gives undefined where it
 * cannot run. `env` lets `systemctl --user` find it.
 */
export async function startSystemd(folder: string, units: Readonly<Record<string, string>>) {
  const runtime = join(folder, 'runtime')
  const unitFolder = join(folder, 'config', 'systemd', 'user')
  mkdirSync(runtime, { recursive: true, mode: 0o700 })
  mkdirSync(unitFolder, { recursive: true })
  for (const [name, text] of Object.entries(units)) writeFileSync(join(unitFolder, name), `[Service]\n${text}\n`)
  if (!existsSync(manager) || process.getuid?.() !== 0) return undefined

  const env = { XDG_RUNTIME_DIR: runtime, XDG_CONFIG_HOME: join(folder, 'config'), HOME: folder }
  const group = `vesemir-test-${randomUUID()}`
  const systemd = spawn('unshare', ['--mount', 'sh', '-c', start, 'sh', group, manager], {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  })
  const exited = once(systemd, 'exit')
  const ask = () => execFileSync('systemctl', ['--user', 'show'], { stdio: 'ignore', env: { ...process.env, ...env } })
  const isReady = await vi.waitFor(ask, { timeout: 5000 }).then(
    () => true,
    () => false,
  )
  const stop = async () => {
    systemd.kill('SIGTERM')
    await exited
    execFileSync('sh', ['-c', tidy, 'sh', group])
  }
  if (isReady) return { env, [Symbol.asyncDispose]: stop }
  await stop()
  return undefined
}
