import { join } from 'node:path'
import { checkPrograms } from './check-programs.ts'

const findings = await checkPrograms(join(import.meta.dirname, '../..'))
for (const finding of findings) console.error(finding)
process.exitCode = findings.length > 0 ? 1 : 0
