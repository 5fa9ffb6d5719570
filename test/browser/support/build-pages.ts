import { join } from 'node:path'
// @ts-expect-error set-up is plain JavaScript: it runs before TypeScript is there
import { buildPages } from '../../../infra/setup/build-pages.mjs'

/** Builds page and documentation before the browser tests, where they are older than their sources. */
export default async function setup(): Promise<void> {
  await (buildPages as (root: string) => Promise<void>)(join(import.meta.dirname, '../../..'))
}
