import type { CiSystem } from './ci-system.ts'

/**
 * GitLab CI: https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections. A mark of a section has control characters, which no
 * line of ours keeps.
 */
export const gitlab: CiSystem = {
  summaryFile: undefined,
  neutralise: (line) => line,
  fold: ({ number, title, isOpen, from, to }) => {
    const name = `vesemir_${number}`
    return {
      begin: `\u001b[0Ksection_start:${seconds(from)}:${name}[collapsed=${!isOpen}]\r\u001b[0K${title}\n`,
      end: `\u001b[0Ksection_end:${seconds(to)}:${name}\r\u001b[0K\n`,
    }
  },
  annotate: () => undefined,
}

function seconds(at: string): number {
  return Math.floor(Date.parse(at) / 1000)
}
