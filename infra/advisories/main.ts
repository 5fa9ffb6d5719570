// `npm run advisories`: fails for packages with an advisory of severity high or critical. Where no registry answers, as offline, it says
// so and passes.
import { join } from 'node:path'
import { checkAdvisories } from './check-advisories.ts'

const check = await checkAdvisories(join(import.meta.dirname, '../..'))
if (!check.answered) console.warn(`advisories: not checked: ${check.why}`)
else {
  for (const line of check.grave) console.error(`advisories: ${line}`)
  if (check.grave.length > 0) process.exitCode = 1
  else console.log(`advisories: none of severity high or critical; ${check.others} milder`)
}
