import { readFileSync } from 'node:fs'

const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')

/** The version of Vesemir that this process runs. */
export const softwareVersion = (JSON.parse(manifest) as { version: string }).version
