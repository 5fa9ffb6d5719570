import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

/** Compresses scripts and styles once, and better than the API has time for with each request. */
const compressAhead: Plugin = {
  name: 'compress-ahead',
  async writeBundle({ dir = '' }, bundle) {
    const names = Object.keys(bundle).filter((name) => /\.(?:js|css)$/.test(name))
    await Promise.all(names.map((name) => compress(join(dir, name))))
  },
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path)
  await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes))
  await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }))
}

// The API serves dist/ as it is. Everything is a file of its own: its content security policy allows no other.
export default defineConfig({
  plugins: [compressAhead],
  build: {
    target: 'es2024',
    // Nothing is inlined as a data: address either.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The API reads it, to name the files of a page ahead.
    manifest: 'files.json',
    // What every page starts with is one file: a slow browser takes a while for each further one.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'start', tags: ['$initial'] }] } } },
  },
})
