// `npm run build`: builds the npm packages of the command line and of the server, and with `-- --debian` the Debian package of both. With
// `-- --debian --lint` lintian checks it, which takes a minute: what it finds is fixed, or has its reason in debian/lintian-overrides.
import { join, relative } from 'node:path'
import { run } from '../release/run.ts'
import { buildDebianPackage } from './debian/build-debian-package.ts'
import { packPackages } from './pack.ts'

const folder = join(import.meta.dirname, '../../dist/packages')
const packed = await packPackages(folder)
if (process.argv.includes('--debian')) {
  const built = await buildDebianPackage(packed, folder)
  if (process.argv.includes('--lint'))
    await run('lintian', ['--no-cfg', '--allow-root', '--fail-on', 'error,warning', built])
  console.log(`\nTo install it: apt install ${built}`)
}
console.log(`\nTo install them: npm install --global ${packed.map((path) => relative(process.cwd(), path)).join(' ')}`)
