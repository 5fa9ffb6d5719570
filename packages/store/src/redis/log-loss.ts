import type { Log } from '@vesemir/process/log'

/** Makes what logs that Redis has lost writes that it had acknowledged, and what to do. */
export function logLoss(log: Pick<Log, 'error'>): (began: { epoch: string }) => void {
  return ({ epoch }) =>
    log.error(
      { epoch },
      'Redis has lost data; find servers that were left out of rotation: vesemir recover APPLICATION',
    )
}
