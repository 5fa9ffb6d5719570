// `npm run build`: builds the npm packages of the command line and of the server; with `-- --debian` the Debian package of both, and with
// `-- --container` what images are made from. With `-- --debian --lint` lintian checks the Debian package, which takes a minute: what it
// finds is fixed, or has its reason in debian/lintian-overrides.
import { join, relative } from 'node:path'
import { run } from '../release/run.ts'
import { buildContainerContext } from './container/build-container-context.ts'
import { buildDebianPackage } from './debian/build-debian-package.ts'
import { packPackages } from './pack.ts'

const folder = join(import.meta.dirname, '../../dist/packages')
const shown = (path: string) => relative(process.cwd(), path)
const packed = await packPackages(folder)
if (process.argv.includes('--debian')) {
  const built = await buildDebianPackage(packed, folder)
  if (process.argv.includes('--lint'))
    await run('lintian', ['--no-cfg', '--allow-root', '--fail-on', 'error,warning', built])
  console.log(`\nTo install it: apt install ${built}`)
}
if (process.argv.includes('--container')) {
  const context = shown(await buildContainerContext(packed, folder))
  console.log(`\nTo build the images: docker build --target api --tag vesemir-api ${context}, and so with worker`)
}
console.log(`\nTo install them: npm install --global ${packed.map(shown).join(' ')}`)
