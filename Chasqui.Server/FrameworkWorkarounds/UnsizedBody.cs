namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// Counts and limits a body that comes without its length. Kestrel refuses one of HTTP/2 that is too large while the JSON reader gives
/// it back what it has read; the reader gives it back once more, and the answer would be 500 (or the connection would break)
/// instead of 413.
/// </summary>
internal sealed class UnsizedBody(PipeReader inner, long limit) : PipeReader, IRequestBodyPipeFeature
{
    private ReadOnlySequence<byte> _buffer;
    private long _consumed;

    PipeReader IRequestBodyPipeFeature.Reader => this;

    /// <summary>What has come of it.</summary>
    public long Bytes => _consumed + _buffer.Length;

    public static Task InstallAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.ContentLength is null
            && http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true
            && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false, MaxRequestBodySize: { } limit } kestrel)
        {
            kestrel.MaxRequestBodySize = null;
            var body = new UnsizedBody(http.Request.BodyReader, limit);
            http.Features.Set<IRequestBodyPipeFeature>(body);
            http.Features.Set(body);
        }

        return next(http);
    }

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
        if (Bytes > limit)
        {
            inner.AdvanceTo(_buffer.End);
            throw new BadHttpRequestException("The body is too large", StatusCodes.Status413PayloadTooLarge);
        }

        return result;
    }
}
