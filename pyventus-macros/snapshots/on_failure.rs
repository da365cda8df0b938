async fn refused(error: &Refused, State(pool): State<Pool>) {}
#[allow(deprecated)]
const _: () = {
    mod __undeclared0 {
        pub enum ship {}
    }
    use __undeclared0::ship as __Handler0;
    const _: () = {
        use shipping::ship as __Handler0;
        trait __Undeclared {
            fn __returns() -> ::pyventus::__private::Probe<
                ::pyventus::__private::Result<(), ::pyventus::__private::anyhow::Error>,
            >;
        }
        impl<__T: ?::core::marker::Sized> __Undeclared for __T {
            fn __returns() -> ::pyventus::__private::Probe<
                ::pyventus::__private::Result<(), ::pyventus::__private::anyhow::Error>,
            > {
                ::pyventus::__private::Probe::new()
            }
        }
        const __CALLBACK: ::pyventus::__private::CallbackRegistration = {
            use ::pyventus::__private::{
                AnswersEvery as _, AnswersOne as _, AnswersOwn as _,
                BoundByArgument as _, BoundByEmission as _, BoundByNothing as _,
                BoundByOptionalArgument as _, ReturnsDynamic as _, ReturnsFallible as _,
                ReturnsFuture as _, ReturnsIterator as _, ReturnsPlain as _,
                StandsForExtra as _, StandsForValue as _,
            };
            fn __answer<'a>(
                view: &'a ::pyventus::__private::View<'a>,
                error: &'a ::pyventus::__private::anyhow::Error,
            ) -> ::pyventus::__private::Option<
                ::pyventus::__private::Progress<
                    'a,
                    ::pyventus::__private::CallbackResult,
                >,
            > {
                let arg0 = ::pyventus::__private::failure_reference::<
                    Refused,
                    _,
                    _,
                >(
                    (&&&&&__Handler0::__returns()).returns(),
                    (&&::pyventus::__private::Probe::<Refused>::new()).answers(),
                    error,
                )?;
                ::pyventus::__private::Option::Some({
                    ::pyventus::__private::Progress::pending(async move {
                        let arg1 = ::pyventus::__private::extra_parameter::<
                            State<Pool>,
                        >(view, "")?;
                        let returned = refused(arg0, arg1).await;
                        let kind = (&&&&&::pyventus::__private::Probe::<()>::new())
                            .returns();
                        ::pyventus::__private::answered(kind, returned)
                    })
                })
            }
            ::pyventus::__private::CallbackRegistration {
                handler: ::pyventus::__private::handler_id::<__Handler0>(),
                origin: ::pyventus::__private::Origin::declared(
                    ::core::concat!(::core::module_path!(), "::refused"),
                    &(::core::file!(), ::core::line!(), ::core::column!()),
                ),
                callback: ::pyventus::__private::DeclaredCallback::Failure(::pyventus::__private::DeclaredFailure {
                    needs: ::pyventus::__private::Needs::Context,
                    answer: __answer,
                }),
            }
        };
        ::pyventus::__private::inventory::submit! {
            __CALLBACK
        }
    };
};
