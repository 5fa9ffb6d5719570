import type { ServerRef } from '@vesemir/contract'

/** Which version a server runs, as far as the deployment knows: the one that it brings, or the one before. */
export type Side = 'updated' | 'peer'

/** Tells the side of a server; undefined where that is neither. */
export type SideOf = (server: ServerRef) => Side | undefined
