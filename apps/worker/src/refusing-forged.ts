import { isVesemirError, toFailure, type Claims } from '@vesemir/core'

/** Works on a deployment, and ends it as failed when its record turns out not to be what Vesemir's processes wrote. */
export async function refusingForged<Result>(
  id: string,
  claims: Pick<Claims, 'refuseDeployment'>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (isVesemirError(error, 'ORDER_NOT_SIGNED', 'ORDER_FORGED')) await claims.refuseDeployment(id, toFailure(error))
    throw error
  }
}
