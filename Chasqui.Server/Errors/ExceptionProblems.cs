using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Storage;
using Microsoft.AspNetCore.Diagnostics;

namespace Chasqui.Server.Errors;

/// <summary>Turns an exception of a REST call into a problem. An unexpected one goes to the log, and not to the client.</summary>
internal sealed class ExceptionProblems(IProblemDetailsService problems, ILogger<ExceptionProblems> logger) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        // What was reading the body or writing the answer fails in many ways, and nobody is there any more.
        if (context.RequestAborted.IsCancellationRequested || IsOfAbort(exception))
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return ValueTask.FromResult(true);
        }

        var problem = exception switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } bad => Problem(JsonErrorText.Of(bad)).ProblemDetails,
            BadHttpRequestException bad => new ProblemDetails { Status = bad.StatusCode },
            WriteRefusedException refused => Refusal.For(context, WriteErrors.Of(refused)).ProblemDetails,
            DbException unread when StorageFault.Of(unread) is not null => Unreadable(context, unread),
            _ => Unexpected(context, exception),
        };
        context.Response.StatusCode = problem.Status!.Value;
        return problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem });
    }

    /// <summary>A read may fail before the token of the aborted request is cancelled.</summary>
    private static bool IsOfAbort(Exception exception) =>
        exception is ConnectionAbortedException or OperationCanceledException { InnerException: ConnectionAbortedException };

    private static ProblemHttpResult Problem((string Code, string? Sentence) refusal) =>
        refusal.Sentence is { } sentence ? Refusal.Of(refusal.Code, sentence) : Refusal.Of(refusal.Code);

    private ProblemDetails Unreadable(HttpContext context, DbException unread)
    {
        ErrorsLog.CannotRead(logger, context.Request.Method, context.Request.Path, unread.Message);
        return Refusal.For(context, WriteErrors.StorageUnavailable).ProblemDetails;
    }

    private ProblemDetails Unexpected(HttpContext context, Exception exception)
    {
        ErrorsLog.Unexpected(logger, exception, context.Request.Method, context.Request.Path);
        return Refusal.Of(ErrorCodes.InternalError).ProblemDetails;
    }
}
