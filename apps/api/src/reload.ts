import type { AuditFact } from '@vesemir/contract'
import { isVesemirError } from '@vesemir/core'
import type { Log } from '@vesemir/process/log'
import type { Access } from './access-settings.ts'
import { json } from './audit.ts'
import { readConfig, type ApiConfig } from './config.ts'

/** The settings that SIGHUP replaces; for `tls` it reads the files again. */
export const reloadedSettings = ['tls', 'tokens', 'grants', 'ci', 'protections']

/** Reads the settings again on SIGHUP, until it is disposed of. Tokens, grants and protections are replaced, and its certificate; wrong settings change nothing. */
export function reloadOnHangUp({
  env,
  access,
  replaceTls,
  log,
  record,
}: {
  env: NodeJS.ProcessEnv
  access: Pick<Access, 'replace'>
  /** Reads the files of its certificate again. */
  replaceTls: (config: ApiConfig) => Promise<void>
  log: Pick<Log, 'info' | 'error'>
  /** Adds to the audit log. */
  record: (fact: AuditFact) => Promise<void>
}): Disposable {
  const readAll = async () => {
    const config = await readConfig(env)
    await replaceTls(config)
    return config
  }
  const reload = () => {
    readAll().then(
      async (config) => {
        access.replace(config)
        const after = {
          tokens: Object.keys(config.tokens),
          grants: json(config.grants)!,
          protections: json(config.protections)!,
        }
        log.info({ tokens: after.tokens.length }, 'tokens, grants and protections reloaded')
        // Whoever sends the signal is at the API's machine, and not known by name.
        await record({ who: '', action: 'reloadSettings', outcome: 'succeeded', after }).catch((err: unknown) => {
          log.error({ err }, 'audit entry not written')
        })
      },
      (err: unknown) => {
        const { errors } = isVesemirError(err) ? err.details : {}
        log.error({ err, errors }, 'settings are not valid: tokens, grants and protections stay as they were')
      },
    )
  }
  process.on('SIGHUP', reload)
  return { [Symbol.dispose]: () => void process.off('SIGHUP', reload) }
}
