/** What a certificate is good for, by object identifier. Data. */

/** @see RFC 5280 section 4.2.1.12 */
export const usageOids = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" } as const;
