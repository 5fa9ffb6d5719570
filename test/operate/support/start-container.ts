import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { waitFor } from '../../../infra/fleet/wait-for.ts'

const execute = promisify(execFile)

// What a container runtime does: namespaces of its own, a root that nothing can be written to, and mounts. The network has loopback alone.
const run = String.raw`
set -e
ip link set lo up
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount -t tmpfs tmpfs "$1/tmp"
mount -t tmpfs tmpfs "$1/var/cache/vesemir"
mount --bind /dev "$1/dev"
mount --bind "$2" "$1/etc/vesemir"
mount --bind "$3" "$1/run"
mount -o remount,bind,ro "$1"
chmod 1777 "$1/tmp" "$1/var/cache/vesemir"
root=$1
user=$4
shift 4
exec setpriv --no-new-privs chroot --userspec="$user" "$root" "$@"
`

/** What an image says of itself. */
interface Image {
  user: string
  command: string[]
  health: string[]
  /** Its files. */
  root: string
}

/** A started container. */
export interface Container extends AsyncDisposable {
  /** Whether the image's own health check passes. */
  isHealthy(): Promise<boolean>
  /** The user of its process, and that user's rights, as the kernel shows them. */
  rights(): { uid: string; capabilities: string }
}

/** A store of images in a folder, which is built into by buildah. */
export function createImageStore(folder: string) {
  const buildah = async (...args: string[]) =>
    (await execute('buildah', ['--root', `${folder}/store`, '--runroot', `${folder}/run`, ...args])).stdout.trim()
  return {
    async build(context: string, target: string): Promise<Image> {
      const options = ['--quiet', '--layers', '--format', 'docker', '--isolation', 'chroot', '--target', target]
      await buildah('bud', ...options, '--tag', target, context)
      const container = await buildah('from', '--pull-never', target)
      const { Docker } = JSON.parse(await buildah('inspect', container)) as { Docker: { config: DockerConfig } }
      const { User: user, Entrypoint, Cmd, Healthcheck } = Docker.config
      const root = await buildah('mount', container)
      return { user, command: [...Entrypoint, ...Cmd], health: Healthcheck.Test.slice(1), root }
    },
    async [Symbol.asyncDispose]() {
      await buildah('rm', '--all')
      await buildah('rmi', '--all', '--force')
    },
  }
}

interface DockerConfig {
  User: string
  Entrypoint: string[]
  Cmd: string[]
  Healthcheck: { Test: string[] }
}

interface Mounts {
  /** At /etc/vesemir. */
  settings: string
  /** At /run. */
  run: string
  env: Readonly<Record<string, string>>
}

/** Starts what the image says, as its user, and waits until its health check passes. */
export async function startContainer({ root, user, command, health }: Image, mounts: Mounts): Promise<Container> {
  const { settings, run: runFolder, env } = mounts
  const unshare = ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork']
  const args = [...unshare, 'sh', '-c', run, 'sh', root, settings, runFolder, user, ...command]
  const child = spawn('unshare', args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH, ...env },
  })
  const ended = once(child, 'exit')
  const pid = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
  const isHealthy = () =>
    execute('nsenter', ['--target', pid(), '--mount', '--net', 'chroot', `--userspec=${user}`, root, ...health]).then(
      () => true,
      () => false,
    )
  const container = {
    isHealthy,
    rights() {
      const status = readFileSync(`/proc/${pid()}/status`, 'utf8')
      return { uid: /^Uid:\t(\d+)/m.exec(status)![1]!, capabilities: /^CapEff:\t(\w+)/m.exec(status)![1]! }
    },
    async [Symbol.asyncDispose]() {
      // Not unshare: its --kill-child has no effect on a process that has become another user's.
      process.kill(Number(pid()), 'SIGKILL')
      await ended
    },
  }
  const what = `${command.join(' ')} is healthy`
  await waitFor(isHealthy, { what, timeoutMs: 60_000, pollMs: 200 }).catch(async (error: unknown) => {
    await container[Symbol.asyncDispose]()
    throw error
  })
  return container
}
