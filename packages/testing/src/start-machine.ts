import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { vi } from 'vitest'

// A copy of this machine's files that costs nothing: what is written goes to memory. systemd is the first process of namespaces of its
// own, in a control group of its own; the network is this machine's, or that of a namespace. Its root is a real one: in a chroot no unit
// gets PrivateUsers=.
// Mounts are shared, as a booted machine has them: else LoadCredential= has no effect.
const start = String.raw`
set -e
mount -t tmpfs tmpfs "$2"
mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$2/upper,workdir=$2/work" "$2/root"
for groups in /sys/fs/cgroup/systemd /sys/fs/cgroup; do [ ! -e "$groups/cgroup.procs" ] || break; done
mkdir "$groups/$1"
echo $$ > "$groups/$1/cgroup.procs"
exec unshare --pid --fork --kill-child --cgroup --uts --ipc --mount sh -c '
set -e
mount -t proc proc "$1/proc"
mount -t tmpfs tmpfs "$1/run"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
mount --bind "$2" "$1/mnt"
mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup" || true
cd "$1"
pivot_root . opt
umount --lazy opt
mount --make-rshared /
container=docker exec /lib/systemd/systemd --system --log-target=null --unit=basic.target
' sh "$2/root" "$3"
`
// What was killed with the machine takes a moment to leave its groups.
const tidy = String.raw`
for groups in /sys/fs/cgroup/systemd /sys/fs/cgroup; do
  for attempt in $(seq 50); do
    find "$groups/$1" -depth -type d -exec rmdir {} \; 2> /dev/null
    [ -e "$groups/$1" ] || break
    sleep 0.1
  done
done
true
`

/** A Debian machine with systemd, on which packages are installed as on any other, and which leaves nothing behind. */
export interface Machine extends AsyncDisposable {
  /** Runs a shell's line on the machine, as root, and returns what it prints. Rejects when it fails. */
  run: (line: string) => Promise<string>
}

/**
 * Starts a machine whose files are a copy of this one's, and whose first process is systemd. `shared` is there as /mnt, and its network
 * is that of `namespace` (`ip netns`) where one is named. Returns undefined where that is not possible: without root, namespaces, overlays
 * or systemd.
 */
export async function startMachine(
  folder: string,
  shared: string,
  { namespace }: { namespace?: string } = {},
): Promise<Machine | undefined> {
  if (process.getuid?.() !== 0 || !existsSync('/lib/systemd/systemd')) return undefined
  const place = join(folder, 'machine')
  mkdirSync(place)
  const group = `vesemir-machine-${randomUUID()}`
  // Not `ip netns exec`: it would mount another /sys, without control groups.
  const entry = namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${namespace}`]
  const [program, ...args] = [...entry, 'unshare', '--mount', 'sh', '-c', start, 'sh', group, place, shared]
  const unshare = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(unshare, 'exit')
  const run = async (line: string) => {
    const init = childOf(unshare.pid!)
    const args = ['--target', init, '--mount', '--pid', '--uts', '--ipc', '--net', 'sh', '-c', line]
    return (await promisify(execFile)('nsenter', args, { maxBuffer: 50_000_000 })).stdout
  }
  const isReady = await vi
    .waitFor(() => run('systemctl is-system-running | grep -E "running|degraded"'), { timeout: 90_000, interval: 200 })
    .then(
      () => true,
      () => false,
    )
  const stop = async () => {
    unshare.kill('SIGKILL')
    await ended
    execFileSync('sh', ['-c', tidy, 'sh', group])
  }
  if (isReady) return { run, [Symbol.asyncDispose]: stop }
  if (unshare.exitCode === null) await stop()
  return undefined
}

/** Returns the one child of a process: `unshare --fork` waits for it, and takes it along when it ends. */
function childOf(parent: number): string {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim()
}
