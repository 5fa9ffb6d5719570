import type { ApplicationEnvironment } from '@vesemir/core'
import { describeSchedule } from '@vesemir/words'
import { api } from '../api.ts'
import { useLoaded } from '../use-loaded.ts'
import { capitalize } from './mark.tsx'

/** Rounds are minutes apart: whoever looks at the page for long sees the last. */
const restMs = 60_000

/** When hosts of an environment that are behind get what should run without anyone asking, where they do. */
export function Schedule({ place: { application, environment } }: { place: ApplicationEnvironment }) {
  const { value } = useLoaded((signal) => api.listSchedules(application, { signal }), {
    key: application,
    restMs,
  })
  const schedule = value?.schedules.find((each) => each.environment === environment)
  if (!schedule) return null
  return (
    <p className="sub">
      {describeSchedule(schedule)
        .map((line) => `${capitalize(line)}.`)
        .join(' ')}
    </p>
  )
}
