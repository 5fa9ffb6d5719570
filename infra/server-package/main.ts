import { join } from 'node:path'
import { buildServerPackage } from './build-server-package.ts'

const folder = join(import.meta.dirname, 'dist')
await buildServerPackage(folder)
console.log(`the npm package vesemir-server is in ${folder}`)
