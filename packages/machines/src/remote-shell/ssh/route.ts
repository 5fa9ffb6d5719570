import type { HostTarget } from '@vesemir/contract'
import type { VesemirError } from '@vesemir/core'
import type { Duplex } from 'node:stream'
import { openSocket } from './open-socket.ts'

/** How machines are reached: directly, or through a jump host. */
export interface Route {
  /** Opens the route and keeps it open until it is released. Throws as `RemoteShell.connect`. */
  hold(signal?: AbortSignal): Promise<HeldRoute>
}

export interface HeldRoute {
  /** Opens a stream to a machine's sshd. Throws as `RemoteShell.connect`. */
  dial(target: HostTarget, signal: AbortSignal): Promise<Duplex>
  /** Why the route itself broke; nothing while it stands. */
  broken(): VesemirError | undefined
  /** To be called once, when what was dialled is closed or not wanted any more. */
  release(): void
}

const held: HeldRoute = { dial: openSocket, broken: () => undefined, release: () => {} }

/** Straight to the machine. */
export const direct: Route = { hold: async () => held }
