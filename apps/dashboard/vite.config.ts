import { defineConfig } from 'vite'

// The API serves dist/ as it is. Everything is a file of its own: its content security policy allows no other.
export default defineConfig({
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
