/** Why a deployment ends in the state ERROR. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure';
  /** `errorCode` of the deployment. */
  readonly code: string;

  constructor(message: string, code = 'BUILD_FAILED') {
    super(message);
    this.code = code;
  }
}
