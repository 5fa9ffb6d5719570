import { execFile } from 'node:child_process'

/** What a registry knows of a package of the lock file. */
interface Advisory {
  module_name: string
  severity: string
  title: string
  url: string
}

/** Whether the packages that run have advisories, as a registry says. */
export type AdvisoryCheck =
  | { answered: false; why: string }
  /** `grave` are lines about the advisories of severity high and critical; `others` counts those that are milder. */
  | { answered: true; grave: string[]; others: number }

const graveSeverities = ['high', 'critical']
const timeoutMs = 60_000

/** Asks the registry that the package manager is set up for, for advisories of what runs in production, by the lock file. */
export async function checkAdvisories(root: string, env: NodeJS.ProcessEnv = process.env): Promise<AdvisoryCheck> {
  const { stdout, stderr } = await runAudit(root, env)
  const advisories = readAdvisories(stdout)
  if (!advisories) return { answered: false, why: lastWords(stderr || stdout) }
  const grave = advisories.filter(({ severity }) => graveSeverities.includes(severity))
  const lines = grave.map(({ module_name, severity, title, url }) => `${module_name}: ${severity}: ${title} (${url})`)
  return { answered: true, grave: lines, others: advisories.length - grave.length }
}

/** Its exit code says nothing: it is 1 for advisories, and for a registry that does not answer. */
function runAudit(root: string, env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { cwd: root, env, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 }
    execFile('pnpm', ['audit', '--prod', '--json'], options, (_, stdout, stderr) => resolve({ stdout, stderr }))
  })
}

/** Returns undefined where that is no answer of a registry. */
function readAdvisories(text: string): Advisory[] | undefined {
  try {
    const { advisories } = JSON.parse(text) as { advisories?: Record<string, Advisory> }
    return advisories && Object.values(advisories)
  } catch {
    return undefined
  }
}

function lastWords(text: string): string {
  return (
    text
      .replaceAll(/[^\x20-\x7e]+/g, ' ')
      .replaceAll(/ {2,}/g, ' ')
      .trim()
      .slice(0, 300) || 'it said nothing'
  )
}
