import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import type { Session } from '../session.ts'
import { findLatest } from './find-latest.ts'

/** Returns the address of the page of a deployment, or of the first page. */
export function pageOf(url: string, id?: string): string {
  return `${url.replace(/\/$/, '')}/${id === undefined ? '' : `deployments/${id}`}`
}

/** Prints the address of a deployment's page, or of the first one, and opens it in the browser where there is one. */
export async function openPage(id: string | undefined, session: Session): Promise<number> {
  const { client, url, json, write } = session
  const address = pageOf(url, id === undefined ? undefined : await findLatest(id, client))
  write(json ? jsonDocument({ url: address }) : `${address}\n`)
  openInBrowser(address)
  return exitCodes.succeeded
}

/** Opens an address in the browser. Where there is none, the address that was printed serves. */
export function openInBrowser(address: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  // Most commands know addresses only to print them.
  const { spawn } = process.getBuiltinModule('node:child_process')
  const child = spawn(opener, [address], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
