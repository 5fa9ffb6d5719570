import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { VesemirError } from '@vesemir/core'
import { makeKeys } from '@vesemir/process/keys'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { holdFolder } from './hold-folder.ts'

const Secrets = z.strictObject({
  /** Of the token that was shown at the first start. */
  tokenSha256: z.string(),
  cookieSecret: z.string(),
  redisPassword: z.string(),
})

export interface DataFolder extends AsyncDisposable {
  path: string
  secrets: z.infer<typeof Secrets>
  /** The token, only when it was made just now. */
  token: string | undefined
  /** The folder of the keys by which API and worker know what the other writes. */
  keys: string
}

/**
 * Opens the folder that holds all of a standalone Vesemir, and makes it when it is not there: the secrets, keys, and
 * settings to begin with. Only its owner may read it, and one process at a time has it open.
 * @throws {VesemirError} `STANDALONE_RUNS` when another one has it open
 */
export async function openDataFolder(wanted: string | undefined, env: NodeJS.ProcessEnv): Promise<DataFolder> {
  const path = wanted === undefined ? defaultFolder(env) : resolve(wanted)
  await mkdir(path, { recursive: true, mode: 0o700 })
  await using holding = new AsyncDisposableStack()
  holding.use(await holdFolder(path))
  for (const inner of ['artifacts', 'logs', 'redis', 'run', 'ssh'])
    await mkdir(join(path, inner), { recursive: true, mode: 0o700 })
  const { secrets, token } = await readSecrets(join(path, 'secrets.yml'))
  await makeKey(join(path, 'ssh/id_ed25519'))
  const keys = join(path, 'keys')
  if (!existsSync(keys)) await makeKeys(keys)
  await writeIfNew(join(path, 'inventory.yml'), firstInventory)
  await writeIfNew(join(path, 'worker.yml'), firstWorkerSettings(path, env))
  const held = holding.move()
  return { path, secrets, token, keys, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

function defaultFolder({ XDG_DATA_HOME: folder, HOME: home = homedir() }: NodeJS.ProcessEnv): string {
  return join(folder && isAbsolute(folder) ? folder : join(home, '.local/share'), 'vesemir')
}

async function readSecrets(path: string): Promise<Pick<DataFolder, 'secrets' | 'token'>> {
  const token = secret()
  const secrets = {
    tokenSha256: createHash('sha256').update(token).digest('hex'),
    cookieSecret: secret(),
    redisPassword: secret(),
  }
  const isNew = await writeIfNew(
    path,
    `# To get a new token, stop Vesemir and delete this file.\n${stringify(secrets)}`,
  )
  if (isNew) return { secrets, token }
  const known = Secrets.safeParse(parse(await readFile(path, 'utf8')))
  if (known.success) return { secrets: known.data, token: undefined }
  throw new VesemirError('CONFIG_INVALID', `${path} is damaged. Delete it to get a new one, with a new token`)
}

function secret(): string {
  return randomBytes(24).toString('base64url')
}

async function writeIfNew(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function makeKey(path: string): Promise<void> {
  const isThere = await readFile(path).then(
    () => true,
    () => false,
  )
  if (isThere) return
  try {
    await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'vesemir', '-f', path])
  } catch (cause) {
    throw new VesemirError('STANDALONE_FAILED', `ssh-keygen (package openssh-client) failed to create ${path}`, {
      cause,
    })
  }
}

const firstInventory = `# The machines, as an Ansible inventory. This is an example: put yours in its place. It is read again for each plan.
#
# all:
#   vars: { environment: production }
#   hosts:
#     web-1: { ansible_host: 192.0.2.11, host_keys: ['ssh-ed25519 AAAA...'] }
#     web-2: { ansible_host: 192.0.2.12, host_keys: ['ssh-ed25519 AAAA...'] }
all:
  hosts: {}
`

function firstWorkerSettings(path: string, { USER = 'root' }: NodeJS.ProcessEnv): string {
  return `# How the machines of each cluster are found and reached. Vesemir reads it when it starts.
${stringify({
  clusters: {
    local: {
      inventory: { kind: 'file', path: join(path, 'inventory.yml') },
      remoteShell: { kind: 'ssh', user: USER, privateKey: join(path, 'ssh/id_ed25519') },
      changesets: { artifact: { folders: [join(path, 'artifacts')] } },
    },
  },
})}`
}
