import type { AuditFact } from '@vesemir/contract'
import { reloadOnHangUp, type Supervisor } from '@vesemir/process/lifecycle'
import type { Log } from '@vesemir/process/log'
import type { Access } from './access-settings.ts'
import { json } from './audit.ts'
import { readConfig, type ApiConfig } from './config.ts'
import type { People } from './people/people.ts'

/**
 * The settings that SIGHUP replaces; for `tls` it reads the files again.
 * @public read by the test of docs/settings.md
 */
export const reloadedSettings = ['tls', 'tokens', 'grants', 'signIn', 'ci', 'protections']

interface Reloading {
  env: NodeJS.ProcessEnv
  access: Pick<Access, 'replace'>
  people: Pick<People, 'replace'> | undefined
  /** Reads the files of its certificate again. */
  replaceTls: (config: ApiConfig) => Promise<void>
  log: Pick<Log, 'info' | 'warn' | 'error'>
  /** Adds to the audit log. */
  record: (fact: AuditFact) => Promise<void>
  supervisor: Pick<Supervisor, 'reloading' | 'ready'>
}

/** Reloads on SIGHUP, until it is disposed of, who may do what and who signs people in, and the certificate. */
export function reloadAccess({ env, access, people, replaceTls, log, record, supervisor }: Reloading): Disposable {
  return reloadOnHangUp({
    log,
    supervisor,
    async read() {
      const config = await readConfig(env)
      await replaceTls(config)
      return config
    },
    async replace(config) {
      const providers = Object.keys(config.signIn)
      people?.replace(config.signIn)
      if (!people && providers.length > 0)
        log.warn({ providers }, 'signIn takes effect after a restart: url or cookieSecret was not set at the start')
      access.replace(config)
      const after = {
        tokens: Object.keys(config.tokens),
        grants: json(config.grants)!,
        protections: json(config.protections)!,
        signIn: providers,
      }
      // Whoever sends the signal is at the API's machine, and not known by name.
      await record({ who: '', action: 'reloadSettings', outcome: 'succeeded', after }).catch((err: unknown) => {
        log.error({ err }, 'audit entry not written')
      })
    },
  })
}
