// `npm run build`: builds the npm packages of the command line and of the server.
import { join, relative } from 'node:path'
import { packPackages } from './pack.ts'

const folder = join(import.meta.dirname, '../../dist/packages')
const packed = await packPackages(folder)
console.log(`\nTo install them: npm install --global ${packed.map((path) => relative(process.cwd(), path)).join(' ')}`)
