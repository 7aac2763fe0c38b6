-- The leaves in which people acted, in their order. What payments, decisions and visits write by the
-- thousand is not among them, so that they pay for no index; the condition is that of the query.
CREATE INDEX leaf_act ON evidence.leaf (index)
    WHERE left(subject, 4) <> ALL ('{pay_,rfd_,dec_,dep_,beh_,dss_}'::text[]);
