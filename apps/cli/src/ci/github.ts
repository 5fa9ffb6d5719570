import { plain } from '../render/paint.ts'
import type { Annotation, CiSystem } from './ci-system.ts'

/** GitHub Actions: https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export function github(summaryFile: string | undefined): CiSystem {
  return {
    summaryFile: summaryFile === '' ? undefined : summaryFile,
    neutralise,
    // A group is closed at first, so what is to be seen at once is in none.
    fold: ({ title, isOpen }) =>
      isOpen
        ? { begin: `${neutralise(title)}\n`, end: '' }
        : { begin: `::group::${escapeData(title)}\n`, end: '::endgroup::\n' },
    annotate,
  }
}

/**
 * The runner takes `::name::` as a command at the start of a line, after spaces, and `##[name]` anywhere in it, on stdout and
 * stderr (ActionCommand.cs of actions/runner).
 */
function neutralise(line: string): string {
  return line.replaceAll('##[', '## [').replace(/^(\s*):(?=:)/, '$1: ')
}

function annotate({ level, title, message }: Annotation): string {
  const lines = message.split('\n').map(plain).join('\n')
  return `::${level} title=${escapeProperty(plain(title))}::${escapeData(lines)}`
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
