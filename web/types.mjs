/*
 * TypeScript types from definitions/api_schemas.json. The schemas use a small part of JSON Schema; a word this file
 * does not know is an error, so that no type silently says less than its schema.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/* Words that narrow a value without changing its type. */
const narrowing = new Set(['description', 'format', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems']);
const known = new Set(['type', 'enum', '$ref', 'oneOf', 'items', 'properties', 'required', 'additionalProperties', ...narrowing]);
const plain = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' };

const typeOf = (schema, where) => {
  for (const word of Object.keys(schema)) if (!known.has(word)) throw new Error(`${where}: unknown word "${word}"`);
  if (schema.$ref) return schema.$ref.replace('#/components/schemas/', '');
  if (schema.oneOf) return schema.oneOf.map((one) => typeOf(one, where)).join(' | ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type }, where)).join(' | ');
  if (schema.type === 'array') return arrayOf(schema, where);
  if (schema.type === 'object') return objectOf(schema, where);
  if (plain[schema.type]) return plain[schema.type];
  throw new Error(`${where}: no type`);
};

const arrayOf = (schema, where) => {
  const item = typeOf(schema.items, `${where}[]`);
  if (schema.minItems && schema.minItems === schema.maxItems) return `[${Array(schema.minItems).fill(item).join(', ')}]`;
  return item.includes(' ') ? `(${item})[]` : `${item}[]`;
};

const objectOf = (schema, where) => {
  if (!schema.properties) return 'Record<string, unknown>';
  const fields = Object.entries(schema.properties).map(([name, field]) => {
    const comment = field.description ? `/** ${field.description} */ ` : '';
    return `${comment}${name}${schema.required?.includes(name) ? '' : '?'}: ${typeOf(field, `${where}.${name}`)};`;
  });
  return fields.length ? `{\n${fields.map((field) => `  ${field}`).join('\n')}\n}` : 'Record<string, never>';
};

export const writeTypes = () => {
  const { schemas } = JSON.parse(readFileSync(new URL('../definitions/api_schemas.json', import.meta.url), 'utf8')).components;
  const lines = Object.entries(schemas).map(([name, schema]) => {
    const comment = schema.description ? `/** ${schema.description} */\n` : '';
    return `${comment}export type ${name} = ${typeOf(schema, name)};\n`;
  });
  writeFileSync(new URL('src/api.d.ts', import.meta.url), `/* Made by types.mjs from definitions/api_schemas.json. */\n\n${lines.join('\n')}`);
};
