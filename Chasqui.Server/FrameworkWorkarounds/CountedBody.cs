namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// Counts what has come of a body, and limits one that comes without its length. Kestrel refuses one of HTTP/2 that is too large while
/// the JSON reader gives it back what it has read; the reader gives it back once more, and the answer would be 500 (or the
/// connection would break) instead of 413.
/// </summary>
internal sealed class CountedBody(PipeReader inner, long limit, Action<int> hold) : PipeReader, IRequestBodyPipeFeature
{
    private ReadOnlySequence<byte> _buffer;
    private long _consumed;

    PipeReader IRequestBodyPipeFeature.Reader => this;

    /// <summary>What has come of it.</summary>
    public long Bytes { get; private set; }

    /// <param name="http">The request.</param>
    /// <param name="hold">Called with the memory that comes and goes: the body as a whole, and as long again as text.</param>
    /// <returns><see langword="null"/> for a request without a body.</returns>
    public static CountedBody? Install(HttpContext http, Action<int> hold)
    {
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true
            || http.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { MaxRequestBodySize: { } limit } kestrel)
        {
            return null;
        }

        if (http.Request.ContentLength is null && !kestrel.IsReadOnly)
        {
            kestrel.MaxRequestBodySize = null;
        }

        var body = new CountedBody(http.Request.BodyReader, limit, hold);
        http.Features.Set<IRequestBodyPipeFeature>(body);
        http.Features.Set(body);
        return body;
    }

    /// <summary>The request is over.</summary>
    public void Release() => hold((int)(-2 * Bytes));

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        Checked(await inner.ReadAsync(cancellationToken));

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result))
        {
            return false;
        }

        Checked(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _consumed += _buffer.Slice(0, consumed).Length;
        _buffer = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private ReadResult Checked(ReadResult result)
    {
        _buffer = result.Buffer;
        var before = Bytes;
        Bytes = Math.Max(before, _consumed + _buffer.Length);
        hold((int)(2 * (Bytes - before)));
        if (Bytes > limit)
        {
            inner.AdvanceTo(_buffer.End);
            throw new BadHttpRequestException("The body is too large", StatusCodes.Status413PayloadTooLarge);
        }

        return result;
    }
}
