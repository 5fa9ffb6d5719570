import { isVesemirError } from '@vesemir/core'
import type { Log } from '@vesemir/process/log'
import type { Access } from './access-settings.ts'
import { readConfig } from './config.ts'

/** Reads the settings again on SIGHUP, until it is disposed of. Tokens and grants are replaced; wrong settings change nothing. */
export function reloadOnHangUp({
  env,
  access,
  log,
}: {
  env: NodeJS.ProcessEnv
  access: Pick<Access, 'replace'>
  log: Pick<Log, 'info' | 'error'>
}): Disposable {
  const reload = () => {
    readConfig(env).then(
      (config) => {
        access.replace(config)
        log.info({ tokens: Object.keys(config.tokens).length }, 'tokens and grants reloaded')
      },
      (err: unknown) => {
        const { errors } = isVesemirError(err) ? err.details : {}
        log.error({ err, errors }, 'settings are not valid: tokens and grants stay as they were')
      },
    )
  }
  process.on('SIGHUP', reload)
  return { [Symbol.dispose]: () => void process.off('SIGHUP', reload) }
}
