/* Voice clips as a browser plays them. On a reader thread. */
#include "api/api_private.h"
#include "wire/amr.h"

int clip_question(struct reader *reader, struct arena *arena, const struct session_account *who,
		  int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct buf wav = BUF_INIT;
	int error = reader_clip(reader, arena, who, now_ms, question, ret_answer);

	if (error || ret_answer->problem)
		return error;
	if (amr_to_wav(ret_answer->json, &wav)) {
		ret_answer->problem = PROBLEM_NOT_FOUND;
		ret_answer->detail = STR("Ce message vocal est illisible.");
	} else {
		ret_answer->type = "audio/wav";
		ret_answer->json = str_of(arena_copy(arena, wav.ptr, wav.len), wav.len);
	}
	buf_fini(&wav);
	return 0;
}
