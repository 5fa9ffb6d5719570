import { isVesemirError } from '@vesemir/core'
import type { Log } from '../log/index.ts'
import type { Supervisor } from './supervisor.ts'

/** How a process reads its settings again. */
export interface Reload<Settings> {
  /** Reads all settings. @throws {VesemirError} `CONFIG_INVALID` */
  read: () => Promise<Settings>
  /** Puts them in the place of those in use. */
  replace: (settings: Settings) => void | Promise<void>
  log: Pick<Log, 'info' | 'error'>
  supervisor: Pick<Supervisor, 'reloading' | 'ready'>
}

/**
 * Reads settings again at each SIGHUP, until it is disposed of, and replaces those in use. Settings that are not valid replace nothing;
 * the log says what is wrong with them.
 */
export function reloadOnHangUp<Settings>({ read, replace, log, supervisor }: Reload<Settings>): Disposable {
  const reload = async () => {
    let settings: Settings
    try {
      settings = await read()
    } catch (err) {
      const { errors } = isVesemirError(err) ? err.details : {}
      log.error({ err, errors }, 'settings are not valid: nothing is reloaded')
      return
    }
    await replace(settings)
    log.info('settings reloaded')
  }
  // One after the other: the last signal's settings are those that stay.
  let reloading = Promise.resolve()
  const receive = () => {
    reloading = reloading.then(supervisor.reloading).then(reload).then(supervisor.ready)
  }
  process.on('SIGHUP', receive)
  return { [Symbol.dispose]: () => void process.off('SIGHUP', receive) }
}
