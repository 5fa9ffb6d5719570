import { appendFile, open, writeFile } from 'node:fs/promises'
import type { DeploymentView } from '@vesemir/contract'
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
export async function checkReports({ junit, summary }: ReportOptions): Promise<void> {
  for (const [option, file] of Object.entries({ junit, summary })) {
    if (file !== undefined) await writing(option, file, async () => (await open(file, 'a')).close())
  }
}

interface Reported {
  view: DeploymentView
  outputOf: (host: string) => readonly string[]
  session: Pick<Session, 'url' | 'ci' | 'notifyError'>
}

/** Writes the reports that were asked for, and the summary that the CI system shows. One that cannot be written is told, and fails nothing. */
export async function writeReports(
  { junit, summary }: ReportOptions,
  { view, outputOf, session }: Reported,
): Promise<void> {
  const { url, ci, notifyError } = session
  const nowMs = Date.now()
  const shown = ci?.summaryFile
  try {
    if (junit !== undefined) {
      const { junitOf } = await import('./junit.ts')
      await writing('junit', junit, () => writeFile(junit, junitOf(view, { nowMs, outputOf })))
    }
    if (summary === undefined && shown === undefined) return
    const { summaryOf } = await import('./summary.ts')
    const text = summaryOf(view, { nowMs, page: pageOf(url, view.deployment.id) })
    if (summary !== undefined) await writing('summary', summary, () => writeFile(summary, text))
    // Other commands of the same step add to it.
    if (shown !== undefined) await writing('summary', shown, () => appendFile(shown, text))
  } catch (error) {
    notifyError(error)
  }
}

async function writing(option: string, file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new VesemirError('REQUEST_INVALID', `--${option}: cannot write ${file}: ${code}`, { cause })
  }
}
