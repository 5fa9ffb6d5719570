import { z } from 'zod'

const VariableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'must be the name of a variable' })

/** Which variables of a host or group say what a host is for and where it stands. */
export const VariableNames = z
  .strictObject({
    environment: VariableName.default('environment').meta({ description: 'The variable that holds the environment.' }),
    application: VariableName.default('application').meta({
      description: 'The variable that holds the name of the application.',
    }),
    team: VariableName.default('team').meta({ description: 'The variable that holds the team.' }),
    zone: VariableName.default('zone').meta({ description: 'The variable that holds the zone.' }),
  })
  .prefault({})
  .meta({ description: 'Which variables of a host or group say these.' })
export type VariableNames = z.infer<typeof VariableNames>
