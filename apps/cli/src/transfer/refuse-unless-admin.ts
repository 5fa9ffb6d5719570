import { findGrant, VesemirError } from '@vesemir/core'
import type { Session } from '../session.ts'

/** Refuses who is not an admin of everything. @throws {VesemirError} `FORBIDDEN` */
export async function refuseUnlessAdmin({ client }: Pick<Session, 'client'>, what: 'export' | 'import'): Promise<void> {
  const { name, grants } = await client.getSession()
  if (findGrant(grants, 'manage-tokens', {})) return
  throw new VesemirError('FORBIDDEN', `${name}, only an admin of everything may ${what}`)
}
