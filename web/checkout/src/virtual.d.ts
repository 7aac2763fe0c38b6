declare module "virtual:device" {
  /** Where the device SDK is, and its digest (SRI). */
  export const address: string;
  export const integrity: string;
}
