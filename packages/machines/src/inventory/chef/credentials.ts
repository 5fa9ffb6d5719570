import { createPrivateKey, type KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { VesemirError } from '@vesemir/core'
import { parse, TomlError } from 'smol-toml'
import { z } from 'zod'
import { ClientName, ServerUrl, type ChefOptions } from './options.ts'
import { readTrustedCerts } from './trusted-certs.ts'

/** Who asks which Chef server. */
export interface ChefIdentity {
  serverUrl: string
  clientName: string
  key: KeyObject
}

type Environment = Readonly<Record<string, string | undefined>>
type IdentityOptions = Pick<
  ChefOptions,
  'credentialsFile' | 'profile' | 'serverUrl' | 'clientName' | 'clientKey' | 'trustedCerts'
>

const Profile = z.looseObject({
  chef_server_url: ServerUrl.optional(),
  client_name: ClientName.optional(),
  node_name: ClientName.optional(),
  client_key: z.string().min(1).optional(),
  trusted_certs_dir: z.string().min(1).optional(),
  ssl_verify_mode: z.unknown().optional(),
  verify_api_cert: z.unknown().optional(),
})
type Profile = z.infer<typeof Profile>

/**
 * Reads the client's identity from the settings and, for what they leave out, from a Chef credentials file. File and profile
 * are found as Chef's own tools find them, but a file that is named and not there is an error.
 * @throws {VesemirError} `CONFIG_INVALID`, never with a key's text in it.
 */
export async function readIdentity(
  options: IdentityOptions,
  env: Environment,
): Promise<ChefIdentity & { certificates: string[] }> {
  const dotChef = join(env.HOME || homedir(), '.chef')
  const isComplete = options.serverUrl && options.clientName && options.clientKey
  const { profile, source } = isComplete
    ? { profile: {}, source: 'the settings' }
    : await readProfile(options, { env, dotChef })
  const serverUrl = options.serverUrl ?? profile.chef_server_url
  const clientName = options.clientName ?? profile.client_name ?? profile.node_name
  const clientKey = options.clientKey ?? atHome(profile.client_key, dotChef)
  if (!serverUrl) throw invalid(`${source} has no chef_server_url: add it, or set serverUrl`)
  if (!clientName) throw invalid(`${source} has no client_name: add it, or set clientName`)
  if (!clientKey) throw invalid(`${source} has no client_key: add it, or set clientKey`)
  refuseUnverified(profile, source)
  const folder = options.trustedCerts ?? atHome(profile.trusted_certs_dir, dotChef)
  const certificates = await readTrustedCerts(folder ?? join(dotChef, 'trusted_certs'), {
    isNamed: folder !== undefined,
  })
  return { serverUrl, clientName, key: await readKey(clientKey), certificates }
}

/** Host keys come from this server: whoever could pretend to be it could have any machine taken for a host. */
function refuseUnverified({ ssl_verify_mode: mode, verify_api_cert: verify }: Profile, source: string): void {
  const isUnverified = typeof mode === 'string' && mode.includes('verify_none')
  if (!isUnverified && verify !== false) return
  const setting = isUnverified ? `ssl_verify_mode ${mode}` : 'verify_api_cert false'
  throw invalid(
    `${source} has ${setting}, which is refused, since host keys come from this server: put its certificate into trusted_certs (knife ssl fetch)`,
  )
}

async function readProfile(
  options: IdentityOptions,
  { env, dotChef }: { env: Environment; dotChef: string },
): Promise<{ profile: Profile; source: string }> {
  const path = options.credentialsFile ?? (env.CHEF_CREDENTIALS_FILE || join(dotChef, 'credentials'))
  if (path.endsWith('.rb')) throw invalid(sayRuby(path))
  const name = options.profile ?? (env.CHEF_PROFILE || (await readContext(dotChef)) || 'default')
  const profiles = parseCredentials(await readCredentialsFile(path, dotChef), path)
  const source = `profile "${name}" of ${path}`
  if (!Object.hasOwn(profiles, name)) {
    throw invalid(`${path} has no profile "${name}"; it has ${Object.keys(profiles).join(', ') || 'none'}`)
  }
  const parsed = Profile.safeParse(profiles[name])
  if (parsed.success) return { profile: parsed.data, source }
  const [issue] = parsed.error.issues
  throw invalid(`${source} is not usable: ${issue?.path.join('.')}: ${issue?.message}`)
}

/** The older knife.rb is Ruby, and may do anything: it is not run. */
function sayRuby(path: string): string {
  return (
    `${path} is Ruby, which Vesemir does not run: write its chef_server_url, client_name and client_key into a credentials file ` +
    `(TOML, [default]), or into the settings serverUrl, clientName and clientKey`
  )
}

function parseCredentials(text: string, path: string): Record<string, unknown> {
  try {
    return parse(text)
  } catch (error) {
    // The parser's message quotes the lines around the mistake, a key among them: only the place is passed on.
    const place = error instanceof TomlError ? ` at line ${error.line}, column ${error.column}` : ''
    throw invalid(`${path} is not valid TOML${place}`)
  }
}

async function readCredentialsFile(path: string, dotChef: string): Promise<string> {
  const older = ['config.rb', 'knife.rb'].map((name) => join(dotChef, name)).find(existsSync)
  if (older && !existsSync(path)) throw invalid(`there is no ${path}, and ${sayRuby(older)}`)
  return readText(path, 'Chef credentials file')
}

async function readContext(dotChef: string): Promise<string> {
  const path = join(dotChef, 'context')
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    // Another profile can mean another Chef server: only a file that is not there counts as none.
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw unreadable('Chef context file', { path, cause })
  }
}

/** A path in a profile is relative to ~/.chef, wherever the file is (chef-config, workstation_config_loader.rb). */
function atHome(clientKey: string | undefined, dotChef: string): string | undefined {
  if (!clientKey || isPem(clientKey)) return clientKey
  return clientKey.startsWith('~/') ? join(dotChef, '..', clientKey.slice(2)) : resolve(dotChef, clientKey)
}

async function readKey(clientKey: string): Promise<KeyObject> {
  const isInline = isPem(clientKey)
  // A key that lost its first line must not be taken for a path, which messages name.
  const isPath = !isInline && clientKey.length < 1024 && !clientKey.includes('\n')
  if (!isInline && !isPath) throw invalid('the client key is neither a path nor in PEM form')
  const source = isInline ? 'the client key given in the settings' : `the client key in ${clientKey}`
  const pem = isInline ? clientKey : await readText(clientKey, 'Chef client key')
  const key = parseKey(pem, source)
  if (key.asymmetricKeyType !== 'rsa') throw invalid(`${source} is not an RSA key: Chef signs with RSA`)
  return key
}

function parseKey(pem: string, source: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    throw invalid(`${source} is not a private key in PEM form without a passphrase`)
  }
}

function isPem(text: string): boolean {
  return text.trimStart().startsWith('-----BEGIN')
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw unreadable(what, { path, cause })
  }
}

function unreadable(what: string, { path, cause }: { path: string; cause: unknown }): VesemirError {
  const reason = (cause as NodeJS.ErrnoException).code
  return new VesemirError('CONFIG_INVALID', `the ${what} ${path} cannot be read: ${reason}`, { cause })
}

function invalid(message: string): VesemirError {
  return new VesemirError('CONFIG_INVALID', message)
}
