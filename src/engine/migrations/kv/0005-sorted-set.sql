-- Commands on sorted sets. Order: by score, equal scores by the bytes of the member.
-- Status: 1 done, 0 nothing there, -1 the key holds another kind.

-- PostgreSQL refuses sums and products beyond its range; scores become infinite or 0, as they do elsewhere.
-- Infinity less infinity is null here.
CREATE FUNCTION kv.score_plus(a double precision, b double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF abs(a) = 'Infinity' AND b = -a THEN
    RETURN NULL;
  END IF;
  -- Half of the smallest number is out of range, too; only two large ones have too large a sum.
  IF abs(a) <> 'Infinity' AND abs(b) <> 'Infinity' AND abs(a) > 1 AND abs(b) > 1 THEN
    IF abs(a / 2 + b / 2) > 8.9884656743115785e307 THEN
      RETURN sign(a) * 'Infinity'::double precision;
    END IF;
  END IF;
  RETURN a + b;
END $$;

-- Nothing times infinity is nothing, and so is a sum of opposite infinities.
CREATE FUNCTION kv.score_times(a double precision, b double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF a = 0 OR b = 0 THEN
    RETURN 0;
  END IF;
  IF abs(a) = 'Infinity' OR abs(b) = 'Infinity' THEN
    RETURN sign(a) * sign(b) * 'Infinity'::double precision;
  END IF;
  RETURN a * b;
EXCEPTION WHEN numeric_value_out_of_range THEN
  RETURN CASE WHEN abs(a) > 1 AND abs(b) > 1 THEN sign(a) * sign(b) * 'Infinity'::double precision ELSE 0 END;
END $$;

CREATE FUNCTION kv.score_add(a double precision, b double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN a IS NULL THEN b ELSE coalesce(kv.score_plus(a, b), 0) END
$$;
CREATE AGGREGATE kv.score_sum (double precision) (SFUNC = kv.score_add, STYPE = double precision);

-- Each member once. `added` new ones, `changed` others whose score is another one now.
CREATE FUNCTION kv.zadd(
  k text, long_k text, members text[], scores double precision[],
  only_new boolean, only_there boolean, only_greater boolean, only_less boolean,
  OUT status int, OUT added bigint, OUT changed bigint)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  held record;
BEGIN
  added := 0;
  changed := 0;
  IF only_there THEN
    SELECT * INTO held FROM kv.hold(k, 5);
  ELSE
    SELECT * INTO held FROM kv.hold_or_make(k, long_k, 5);
  END IF;
  status := held.status;
  IF status <= 0 THEN
    RETURN;
  END IF;
  IF NOT only_new AND held.size > 0 THEN
    UPDATE kv.sorted_set_member AS m SET score = given.score
      FROM unnest(members, scores) AS given (member, score)
      WHERE m.entry_id = held.id
        AND kv.element_key(m.member) COLLATE "C" = kv.element_key(given.member)
        AND m.score <> given.score
        AND (NOT only_greater OR given.score > m.score) AND (NOT only_less OR given.score < m.score);
    GET DIAGNOSTICS changed = ROW_COUNT;
  END IF;
  IF NOT only_there THEN
    INSERT INTO kv.sorted_set_member SELECT held.id, given.member, given.score
      FROM unnest(members, scores) AS given (member, score) ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS added = ROW_COUNT;
  END IF;
  IF added + changed > 0 THEN
    PERFORM kv.resize(k, added);
  END IF;
END $$;

-- Adds to a score; a missing member begins with 0. No score: a condition kept it. Status 2: there is no such sum.
CREATE FUNCTION kv.zincr(
  k text, long_k text, name text, amount double precision,
  only_new boolean, only_there boolean, only_greater boolean, only_less boolean,
  OUT status int, OUT new_score double precision)
LANGUAGE plpgsql AS $$
DECLARE
  held record;
  old_score double precision;
  total double precision;
BEGIN
  SELECT * INTO held FROM kv.hold(k, 5);
  status := held.status;
  IF status < 0 THEN
    RETURN;
  END IF;
  SELECT score INTO old_score FROM kv.sorted_set_member
    WHERE entry_id = held.id AND kv.element_key(member) COLLATE "C" = kv.element_key(name);
  total := CASE WHEN old_score IS NULL THEN amount ELSE kv.score_plus(old_score, amount) END;
  IF total IS NULL THEN
    status := 2;
    RETURN;
  END IF;
  IF old_score IS NULL AND only_there OR old_score IS NOT NULL AND (
    only_new OR only_greater AND total <= old_score OR only_less AND total >= old_score) THEN
    RETURN;
  END IF;
  SELECT z.status INTO status FROM kv.zadd(k, long_k, ARRAY[name], ARRAY[total], false, false, false, false) AS z;
  new_score := total;
END $$;

CREATE FUNCTION kv.zrem(k text, members text[]) RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  held record;
  removed bigint;
BEGIN
  SELECT * INTO held FROM kv.hold(k, 5);
  IF held.status <= 0 THEN
    RETURN held.status;
  END IF;
  DELETE FROM kv.sorted_set_member WHERE entry_id = held.id AND kv.element_key(member) COLLATE "C" IN (
    SELECT kv.element_key(gone) FROM unnest(members) AS gone);
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed > 0 THEN
    PERFORM kv.resize(k, -removed);
  END IF;
  RETURN removed;
END $$;

-- Members from one rank to another, both inclusive and within the set; ranks count from the lowest score. Walks from the
-- nearer end.
CREATE FUNCTION kv.rank_range(set_id bigint, members bigint, first bigint, last bigint)
RETURNS TABLE (found_member text, found_score double precision)
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
BEGIN
  IF first > last THEN
    RETURN;
  END IF;
  IF first <= members - 1 - last THEN
    RETURN QUERY SELECT m.member, m.score FROM kv.sorted_set_member AS m WHERE m.entry_id = set_id
      ORDER BY m.score, kv.element_key(m.member) COLLATE "C" OFFSET first LIMIT last - first + 1;
  ELSE
    RETURN QUERY SELECT t.member, t.score FROM (
      SELECT m.member, m.score FROM kv.sorted_set_member AS m WHERE m.entry_id = set_id
      ORDER BY m.score DESC, kv.element_key(m.member) COLLATE "C" DESC
      OFFSET members - 1 - last LIMIT last - first + 1) AS t
      ORDER BY t.score, kv.element_key(t.member) COLLATE "C";
  END IF;
END $$;

-- How many members come before that one.
CREATE FUNCTION kv.rank_of(set_id bigint, at_score double precision, name text) RETURNS bigint
LANGUAGE sql STABLE SET enable_seqscan = off AS $$
  SELECT count(*) FROM kv.sorted_set_member AS m WHERE m.entry_id = set_id
    AND (m.score, kv.element_key(m.member) COLLATE "C") < (at_score, kv.element_key(name) COLLATE "C")
$$;

-- Takes the lowest or the highest; `popped` is a JSON array of pairs of member and score, both as texts.
CREATE FUNCTION kv.zpop(k text, highest boolean, members_max bigint, OUT status int, OUT popped text)
LANGUAGE plpgsql AS $$
DECLARE
  held record;
  taken bigint;
  chosen text[];
BEGIN
  SELECT * INTO held FROM kv.hold(k, 5);
  status := held.status;
  IF status <= 0 OR members_max = 0 THEN
    RETURN;
  END IF;
  taken := least(members_max, held.size);
  IF highest THEN
    SELECT array_agg(found_member), json_agg(json_build_array(found_member, found_score::text)
        ORDER BY found_score DESC, kv.element_key(found_member) COLLATE "C" DESC)::text
      INTO chosen, popped FROM kv.rank_range(held.id, held.size, held.size - taken, held.size - 1);
  ELSE
    SELECT array_agg(found_member), json_agg(json_build_array(found_member, found_score::text)
        ORDER BY found_score, kv.element_key(found_member) COLLATE "C")::text
      INTO chosen, popped FROM kv.rank_range(held.id, held.size, 0, taken - 1);
  END IF;
  PERFORM kv.zrem(k, chosen);
END $$;

CREATE FUNCTION kv.zremrangebyrank(k text, start bigint, stop bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  held record;
  first bigint;
  last bigint;
BEGIN
  SELECT * INTO held FROM kv.hold(k, 5);
  IF held.status <= 0 THEN
    RETURN held.status;
  END IF;
  first := greatest(CASE WHEN start < 0 THEN start + held.size ELSE start END, 0);
  last := least(CASE WHEN stop < 0 THEN stop + held.size ELSE stop END, held.size - 1);
  RETURN kv.zrem(k, ARRAY(SELECT found_member FROM kv.rank_range(held.id, held.size, first, last)));
END $$;

CREATE FUNCTION kv.zremrangebyscore(
  k text, low double precision, high double precision, above boolean, below boolean) RETURNS bigint
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  held record;
  removed bigint;
BEGIN
  SELECT * INTO held FROM kv.hold(k, 5);
  IF held.status <= 0 THEN
    RETURN held.status;
  END IF;
  DELETE FROM kv.sorted_set_member WHERE entry_id = held.id AND score >= low AND score <= high
    AND NOT (above AND score = low) AND NOT (below AND score = high);
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed > 0 THEN
    PERFORM kv.resize(k, -removed);
  END IF;
  RETURN removed;
END $$;

-- As kv.store_sets. Sets count too, each member with the score 1. Aggregates: sum, min, max.
CREATE FUNCTION kv.store_sorted_sets(
  operation text, target text, long_target text, keys text[], weights double precision[], aggregate text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  new_id bigint := nextval('kv.entry_id');
  stored bigint;
BEGIN
  IF kv.any_other_kind(keys, ARRAY[4, 5]) THEN
    RETURN -1;
  END IF;
  WITH source AS (
    SELECT e.id, given.n, coalesce(given.weight, 1) AS weight
    FROM unnest(keys, weights) WITH ORDINALITY AS given (k, weight, n)
    JOIN kv.entry AS e ON e.key = given.k AND e.kind IN (4, 5) AND kv.live(e.expires_at)),
  element AS (
    SELECT m.member, m.score, s.weight, s.n FROM source AS s JOIN kv.sorted_set_member AS m ON m.entry_id = s.id
    UNION ALL
    SELECT m.member, 1, s.weight, s.n FROM source AS s JOIN kv.set_member AS m ON m.entry_id = s.id)
  INSERT INTO kv.sorted_set_member
    SELECT new_id, member, CASE
      WHEN operation = 'diff' THEN min(score)
      WHEN aggregate = 'min' THEN min(kv.score_times(score, weight))
      WHEN aggregate = 'max' THEN max(kv.score_times(score, weight))
      ELSE kv.score_sum(kv.score_times(score, weight) ORDER BY n) END
    FROM element GROUP BY member COLLATE "C", member
    HAVING CASE operation
      WHEN 'inter' THEN count(*) = cardinality(keys)
      WHEN 'union' THEN true
      ELSE min(n) = 1 AND max(n) = 1 END;
  GET DIAGNOSTICS stored = ROW_COUNT;
  PERFORM kv.put_collection(target, long_target, 5, new_id, stored);
  RETURN stored;
END $$;
