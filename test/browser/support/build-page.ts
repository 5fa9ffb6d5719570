import { join } from 'node:path'
// @ts-expect-error set-up is plain JavaScript: it runs before TypeScript is there
import { buildPage } from '../../../infra/setup/build-page.mjs'

/** Builds the page before the browser tests, where it is older than its source. */
export default async function setup(): Promise<void> {
  await (buildPage as (root: string) => Promise<void>)(join(import.meta.dirname, '../../..'))
}
