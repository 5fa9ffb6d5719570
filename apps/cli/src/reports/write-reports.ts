import { appendFileSync, writeFileSync } from 'node:fs'
import type { DeploymentView, HostsBehind } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { pageOf } from '../actions/page.ts'
import type { Session } from '../session.ts'

/** Where reports of a deployment go. */
export interface ReportOptions {
  junit?: string
  summary?: string
}

/**
 * Makes sure, before anything is deployed, that the reports can be written.
 * @throws {VesemirError} `REQUEST_INVALID` with the option and the file
 */
export function checkReports({ junit, summary }: ReportOptions): void {
  for (const [option, file] of Object.entries({ junit, summary })) {
    if (file !== undefined) writing(option, file, () => appendFileSync(file, ''))
  }
}

/** What hosts said where none of them is deployed to. */
export interface NothingBehind {
  application: string
  environment: string
  version: string
  only: HostsBehind
}

interface Reported {
  view: DeploymentView
  outputOf: (host: string) => readonly string[]
  session: Pick<Session, 'url' | 'ci' | 'notifyError'>
}

/** Writes the reports of a deployment, as `write`. */
export async function writeReports(options: ReportOptions, { view, outputOf, session }: Reported): Promise<void> {
  const nowMs = Date.now()
  const page = pageOf(session.url, view.deployment.id)
  await write(options, session, {
    junit: async () => (await import('./junit.ts')).junitOf(view, { nowMs, outputOf }),
    summary: async () => (await import('./summary.ts')).summaryOf(view, { nowMs, page }),
  })
}

/** Writes the reports of a question that came to no deployment, since no host is behind that gets one; as `write`. */
export async function writeReportsOfNothing(
  options: ReportOptions,
  { found, session }: { found: NothingBehind; session: Reported['session'] },
): Promise<void> {
  await write(options, session, {
    junit: async () => (await import('./junit.ts')).junitOfNothing(found),
    summary: async () => (await import('./summary.ts')).summaryOfNothing(found),
  })
}

/** Writes the reports that were asked for, and the summary that the CI system shows. One that cannot be written is told, and fails nothing. */
async function write(
  { junit, summary }: ReportOptions,
  { ci, notifyError }: Reported['session'],
  textOf: Record<keyof ReportOptions, () => Promise<string>>,
): Promise<void> {
  const shown = ci?.summaryFile
  try {
    if (junit !== undefined) {
      const text = await textOf.junit()
      writing('junit', junit, () => writeFileSync(junit, text))
    }
    if (summary === undefined && shown === undefined) return
    const text = await textOf.summary()
    if (summary !== undefined) writing('summary', summary, () => writeFileSync(summary, text))
    // Other commands of the same step add to it.
    if (shown !== undefined) writing('summary', shown, () => appendFileSync(shown, text))
  } catch (error) {
    notifyError(error)
  }
}

/** At once: to load what writes by promises takes longer than to write. */
function writing(option: string, file: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new VesemirError('REQUEST_INVALID', `--${option}: cannot write ${file}: ${code}`, { cause })
  }
}
