/** What a CI system makes of a job's output. */
export interface CiSystem {
  /** Returns a line that the CI system shows and does not obey: what hosts and people wrote is no command to it. */
  neutralise: (line: string) => string
  /** Returns the marks around the lines of a fold. */
  fold: (fold: Fold) => FoldMarks
  /** Returns the command that shows a complaint apart from the log; nothing where the CI system has none. */
  annotate: (annotation: Annotation) => string | undefined
  /** The file whose Markdown the CI system shows beside the job. */
  summaryFile: string | undefined
}

/** Lines that belong together, shown as one until someone opens them. */
export interface Fold {
  /** Its number in the output, from 1. */
  number: number
  title: string
  isOpen: boolean
  /** When its first and its last line happened. */
  from: string
  to: string
}

/** What is written before and after the lines of a fold: whole lines, or nothing. */
export interface FoldMarks {
  begin: string
  end: string
}

export interface Annotation {
  level: 'error' | 'warning'
  title: string
  message: string
}
