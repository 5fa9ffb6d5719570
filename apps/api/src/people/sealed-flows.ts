import { VesemirError, type Clock } from '@vesemir/core'
import type { Seal } from '@vesemir/store/credential'
import { z } from 'zod'

const BrowserFlow = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  next: z.string(),
  expiresMs: z.int(),
})
const DeviceFlow = z.object({ deviceCode: z.string(), expiresMs: z.int() })

/**
 * What has been begun with a provider, sealed, so that whoever began it keeps it and no process has to.
 * @throws {VesemirError} `SIGN_IN_REFUSED` for one that was not begun here, or has expired
 */
export function createSealedFlows({ seal, open }: Seal, clock: Pick<Clock, 'now'>) {
  const flowOf = <Flow extends { expiresMs: number }>(kind: string, schema: z.ZodType<Flow>) => ({
    close: (provider: string, flow: Flow) => seal(JSON.stringify(flow), `${kind} ${provider}`).toString('base64url'),
    open(provider: string, sealed: string): Flow {
      const json = open(Buffer.from(sealed, 'base64url'), `${kind} ${provider}`)
      const flow = json === undefined ? undefined : schema.parse(JSON.parse(json))
      if (flow && clock.now() < flow.expiresMs) return flow
      throw new VesemirError('SIGN_IN_REFUSED', 'this sign-in was not started here, or took too long')
    },
  })
  return { browser: flowOf('browser', BrowserFlow), device: flowOf('device', DeviceFlow) }
}
