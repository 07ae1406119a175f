/* What build.mjs makes of an import that is not code. */
declare module '*.geojson' {
  const url: string;
  export default url;
}
declare module '*.woff2' {
  const url: string;
  export default url;
}
declare module 'asset:*' {
  const url: string;
  export default url;
}
declare module '*.css';
