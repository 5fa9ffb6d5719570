// `npm run build`: builds the npm packages of the command line and of the server, and with `-- --debian` the Debian package of both.
import { join, relative } from 'node:path'
import { buildDebianPackage } from './debian/build-debian-package.ts'
import { packPackages } from './pack.ts'

const folder = join(import.meta.dirname, '../../dist/packages')
const packed = await packPackages(folder)
if (process.argv.includes('--debian'))
  console.log(`\nTo install it: apt install ${await buildDebianPackage(packed, folder)}`)
console.log(`\nTo install them: npm install --global ${packed.map((path) => relative(process.cwd(), path)).join(' ')}`)
